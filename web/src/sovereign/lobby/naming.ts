/**
 * The player's name as it is typed. The browser keeps a wish at once and the server hears of it as soon as typing pauses; who
 * leaves the page before that has it sent by the next one, before a war is entered.
 */
import type { KeyValue } from "../../room/device";

const KEY = "longhouse.sovereign.name";
/** So long nothing is typed before the name is sent. */
export const PAUSE_MS = 400;

export class Naming {
  /** The name was refused, or could not be sent. */
  onTrouble: (() => void) | undefined;
  private known: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending: Promise<void> | undefined;

  constructor(
    private readonly storage: KeyValue,
    private readonly rename: (name: string) => Promise<void>,
  ) {}

  /** What was typed and is not the account's name yet. */
  get wish(): string | undefined {
    const { kept } = this;
    return kept === "" || kept === this.known ? undefined : kept;
  }

  private get kept(): string {
    return this.storage.getItem(KEY)?.trim() ?? "";
  }

  private keep(wish: string): void {
    this.storage.setItem(KEY, wish);
  }

  /** The name that the account has. */
  is(name: string): void {
    this.known = name;
    if (this.kept === name) this.keep("");
  }

  typed(text: string): void {
    // An empty field is no name: the account keeps the one it has.
    const name = text.trim();
    this.keep(name === this.known ? "" : name);
    clearTimeout(this.timer);
    if (this.wish === undefined) return;
    this.timer = setTimeout(() => this.settle().catch(() => this.onTrouble?.()), PAUSE_MS);
  }

  /** Sends the newest wish now, if there is one. Rejects when that fails; only a name that was refused is forgotten. */
  async settle(): Promise<void> {
    clearTimeout(this.timer);
    while (this.sending !== undefined) await this.sending.catch(() => undefined);
    const { wish } = this;
    if (wish === undefined) return;
    this.sending = this.send(wish).finally(() => (this.sending = undefined));
    return this.sending;
  }

  private async send(wish: string): Promise<void> {
    try {
      await this.rename(wish);
    } catch (error) {
      if (!(error instanceof Response && error.status === 400)) throw error;
      if (this.kept === wish) this.keep("");
      throw error;
    }
    // What was typed meanwhile is another wish, and stays.
    this.is(wish);
  }
}
