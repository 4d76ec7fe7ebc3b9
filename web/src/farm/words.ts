/** What the page says about what happened. Every sentence that depends on the game's state is made here. */
import type { Refused } from "../room/payload";
import { formatWhole } from "./format";
import { REFUSAL, type Command, type Content, type Effect, type FarmEvent, type Need } from "./shapes";

interface Named {
  id: string;
  name: string;
}

export function nameOf(list: readonly Named[] | undefined, id: string): string {
  return list?.find((item) => item.id === id)?.name ?? id.replace(/_/g, " ");
}

/** A toast for an event, or nothing where the numbers already speak. */
export function eventText(event: FarmEvent, content: Content | undefined): string | undefined {
  switch (event.kind) {
    case "sheared":
      return undefined;
    case "bought": {
      const name = nameOf(content?.buildings, event.building);
      return event.count === 1 ? undefined : `${event.count} × ${name}`;
    }
    case "upgraded":
      return `${nameOf(content?.upgrades, event.upgrade)}, level ${event.level}`;
    case "crafted":
      return `${nameOf(content?.recipes, event.recipe)}: ${formatWhole(event.count)} done`;
    case "prestiged":
      return `A new beginning with ${formatWhole(event.stars)} more ${event.stars === 1n ? "star" : "stars"}`;
    case "wished":
      return `${nameOf(content?.wishes, event.wish)}, level ${event.level}`;
    case "synced":
    case "imported":
      return undefined;
    case "keepsake": {
      const name = nameOf(content?.keepsakes, event.keepsake);
      if (event.state === "owned") return `${name} is yours for good`;
      if (event.state === "refused") return `No ${name}: ${event.reason ?? "the wallet said no"}`;
      return undefined;
    }
  }
}

/** What the player did, for a list of such things. */
export function commandText(command: Command, content: Content | undefined): string {
  switch (command.do) {
    case "shear":
      return `${command.count} ${command.count === 1 ? "shear" : "shears"}`;
    case "buy":
      return `${command.count === "max" ? "As many" : command.count} × ${nameOf(content?.buildings, command.building)}`;
    case "upgrade":
      return nameOf(content?.upgrades, command.upgrade);
    case "craft":
      return nameOf(content?.recipes, command.recipe);
    case "wish":
      return nameOf(content?.wishes, command.wish);
    case "keepsake":
      return nameOf(content?.keepsakes, command.keepsake);
    case "prestige":
      return "The new beginning";
  }
}

export function refusalText(
  refused: Pick<Refused, "code" | "reason">,
  command: Command | undefined,
  content: Content | undefined,
): string {
  switch (refused.code) {
    case REFUSAL.notEnough:
      return command?.do === "buy" && command.count === 10
        ? `Not enough wool for ten of ${nameOf(content?.buildings, command.building)}`
        : "Not enough wool for that yet";
    case REFUSAL.tooFast:
      return "Faster than any hands can shear!";
    case REFUSAL.atLimit:
      return "There is no more of that to be had";
    case REFUSAL.locked:
      return "Not yet: something else has to come first";
    case REFUSAL.notReady:
      return "The stars are not ready for you yet";
    case REFUSAL.owned:
      return "That keepsake is already yours";
    case REFUSAL.waiting:
      return "That keepsake is on its way";
    case REFUSAL.onlineOnly:
      return "That needs the server: try again when you are connected";
    default:
      return refused.reason === "" ? `The farm refused (code ${refused.code})` : refused.reason;
  }
}

export function needText(need: Need, content: Content): string {
  if ("building" in need) return `${need.count} × ${nameOf(content.buildings, need.building)}`;
  return "wish" in need
    ? `${nameOf(content.wishes, need.wish)} level ${need.level}`
    : `${nameOf(content.upgrades, need.upgrade)} level ${need.level}`;
}

export function needsText(needs: readonly Need[], content: Content): string {
  return needs.map((need) => needText(need, content)).join(" and ");
}

export function effectText(effect: Effect, content: Content): string {
  switch (effect.kind) {
    case "building":
      return `${nameOf(content.buildings, effect.building)} ${times(effect.percent)}`;
    case "wool":
      return `${nameOf(content.wools, effect.wool)} growth ${times(effect.percent)}`;
    case "all":
      return `All growth ${times(effect.percent)}`;
    case "shear":
      return `Each shear ${times(effect.percent)}`;
    case "shear_share":
      return `A shear also gives ${permille(effect.permille)} of a second's growth`;
    case "away":
      return `The herd works ${effect.minutes} min longer alone`;
    case "head_start":
      return `Each run begins with ${effect.count} × ${nameOf(content.buildings, effect.building)}`;
    case "gain":
      return `Stars won ${times(effect.percent)}`;
  }
}

/** `×2`, `×1.25` */
function times(percent: number): string {
  return `×${(percent / 100).toString()}`;
}

function permille(value: number): string {
  return `${(value / 10).toString()} %`;
}
