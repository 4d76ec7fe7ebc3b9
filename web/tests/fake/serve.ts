/** `npm run fake`: the built pages over the house of cards, for looking at them. Prints its address. */
import { FakeHouse } from "./house";

const house = new FakeHouse(new URL("../../dist", import.meta.url).pathname);
if (process.argv.includes("--rich")) {
  house.farm.give({ plain: 48_250_000n, silky: 1_204_000n, midnight: 3_000n });
  house.farm.own({
    meadow_llama: 14,
    hay_barn: 9,
    shearing_shed: 5,
    suri_llama: 6,
    spinning_mill: 2,
    moon_llama: 1,
  });
  house.farm.state.stars = 2n;
  house.farm.state.away = {
    from_ms: 0,
    to_ms: 5_400_000,
    paid_ms: 5_400_000,
    earned: { plain: 12_345_000_000n, silky: 88_000_000n },
  };
}
await house.start(Number(process.env["PORT"] ?? 0));
console.log(`fake house at http://127.0.0.1:${house.port}/farm/`);
