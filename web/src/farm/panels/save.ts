/** A save of the local-only game, as far as the page looks at it before the farm judges it. */

/** What the farm takes; a larger file is no save of that game. */
export const SAVE_BYTES_MAX = 8 * 1024;

export type Read = { save: object } | { trouble: string };

export function readSave(text: string): Read {
  if (text.trim() === "") return { trouble: "There is nothing in it." };
  if (new TextEncoder().encode(text).length > SAVE_BYTES_MAX) {
    return { trouble: `It is larger than ${SAVE_BYTES_MAX / 1024} KiB: that is no save of this game.` };
  }
  let save: unknown;
  try {
    save = JSON.parse(text);
  } catch {
    return { trouble: "It is no JSON. Was all of it copied?" };
  }
  if (typeof save !== "object" || save === null || !("format" in save) || save.format !== "llama-wool-farm") {
    return { trouble: "It is no save of Llama Wool Farm." };
  }
  return { save };
}
