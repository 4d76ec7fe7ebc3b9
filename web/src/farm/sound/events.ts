/** Which of the farm's events are heard. */
import type { FarmEvent } from "../shapes";
import { sound, type Sounding } from "./sound";

const SOUNDS: Partial<Record<FarmEvent["kind"], Sounding>> = {
  bought: "buy",
  crafted: "buy",
  upgraded: "upgrade",
  wished: "wish",
  prestiged: "prestige",
  imported: "upgrade",
};

export function ring(event: FarmEvent): void {
  const name = event.kind === "keepsake" && event.state === "owned" ? "ribbon" : SOUNDS[event.kind];
  if (name !== undefined) sound.play(name);
}
