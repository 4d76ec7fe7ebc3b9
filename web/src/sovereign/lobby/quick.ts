/** The matchmaker: a ticket that waits until there are enough who want a war now. */
import type { Socket } from "@heroiclabs/nakama-js";
import type { Guest } from "../../room/guest";
import { anyMap } from "./setups";

/** Players of a matched war. */
const PLAYERS_MIN = 2;
const PLAYERS_MAX = 16;
/** The war that matched players get: what one of them asked for. */
const SETUP = { size: "small", seats: PLAYERS_MAX, tribes: 24, rivals: 6, spawn_seconds: 15 };

export class QuickMatch {
  private socket: Socket | undefined;

  constructor(private readonly guest: Guest) {}

  /** The war that was found. Rejects when the wait was broken off, or the line. */
  async find(): Promise<string> {
    const socket = this.guest.socket();
    this.socket = socket;
    const found = new Promise<string>((resolve, reject) => {
      socket.onmatchmakermatched = ({ match_id }) =>
        match_id ? resolve(match_id) : reject(new Error("the matchmaker named no war"));
      socket.ondisconnect = () => reject(new Error("the line was lost"));
    });
    // Heard of below; a line that breaks before that must not go unheard.
    found.catch(() => undefined);
    try {
      await socket.connect(await this.guest.login.current(), false);
      const setup = JSON.stringify({ ...SETUP, map: anyMap() });
      const properties = { mode: "authoritative", rules: "sovereign", setup };
      await socket.addMatchmaker("+properties.rules:sovereign", PLAYERS_MIN, PLAYERS_MAX, properties);
      return await found;
    } finally {
      this.cancel();
    }
  }

  /** The ticket goes with its socket. */
  cancel(): void {
    const socket = this.socket;
    this.socket = undefined;
    if (socket !== undefined) socket.disconnect(true);
  }
}
