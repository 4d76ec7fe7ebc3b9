/** What a player hears of relayed matches, the matchmaker and parties, written down in order. */
import type {
  MatchData,
  MatchmakerMatched,
  MatchPresenceEvent,
  Party,
  PartyData,
  PartyJoinRequest,
  PartyLeader,
  PartyMatchmakerTicket,
  PartyPresenceEvent,
  Presence,
} from "@heroiclabs/nakama-js";
import type { TestServer } from "../server";
import { until } from "../until";
import { Guest, type Format } from "./guest";

export class Listener {
  readonly data: MatchData[] = [];
  readonly presences: MatchPresenceEvent[] = [];
  readonly matched: MatchmakerMatched[] = [];
  readonly parties: Party[] = [];
  readonly partyData: PartyData[] = [];
  readonly partyPresences: PartyPresenceEvent[] = [];
  readonly leaders: PartyLeader[] = [];
  readonly requests: PartyJoinRequest[] = [];
  readonly tickets: PartyMatchmakerTicket[] = [];
  /** The SDK's type is the request's; what comes is flat. */
  readonly closed: { party_id: string }[] = [];

  private constructor(readonly guest: Guest) {
    const { socket } = guest;
    socket.onmatchdata = (data) => this.data.push(data);
    socket.onmatchpresence = (event) => this.presences.push(event);
    socket.onmatchmakermatched = (matched) => this.matched.push(matched);
    socket.onparty = (party) => this.parties.push(party);
    socket.onpartydata = (data) => this.partyData.push(data);
    socket.onpartypresence = (event) => this.partyPresences.push(event);
    socket.onpartyleader = (leader) => this.leaders.push(leader);
    socket.onpartyjoinrequest = (request) => this.requests.push(request);
    socket.onpartymatchmakerticket = (ticket) => this.tickets.push(ticket);
    socket.onpartyclose = (close) => this.closed.push(close as unknown as { party_id: string });
  }

  static async connected(server: TestServer, format: Format, device?: string): Promise<Listener> {
    return new Listener(await Guest.connected(server, format, device));
  }

  get socket() {
    return this.guest.socket;
  }

  get user(): string {
    return this.guest.session.user_id!;
  }

  /** The texts that came as match data, with who sent them. */
  texts(): string[] {
    return this.data.map(({ op_code, data, presence }) => `${presence?.username} ${op_code} ${text(data)}`);
  }

  /** Waits for something of a list. */
  first<T>(list: T[], what: string, wanted: (one: T) => boolean = () => true): Promise<T> {
    return until(what, () => list.find(wanted));
  }

  leave(): void {
    this.guest.leave();
  }

  /** Breaks the connection without a goodbye, as a lost network does. */
  lose(): void {
    const adapter = (this.socket as unknown as { adapter: { _socket: { terminate(): void } } }).adapter;
    adapter._socket.terminate();
  }
}

export function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

/** User ids, sorted. */
export function users(presences: readonly (Presence | undefined)[]): string[] {
  return presences.map((presence) => presence!.user_id).sort();
}

/** A party of these, the first one leading. */
export async function together(...members: [Listener, ...Listener[]]): Promise<string> {
  const [leader, ...others] = members;
  const { party_id } = await leader.socket.createParty(true, 0);
  for (const other of others) {
    await other.socket.joinParty(party_id);
    await other.first(other.parties, "the party", (party) => party.party_id === party_id);
  }
  return party_id;
}

/** The error that the server answers with; the SDK rejects with it. */
export async function refused(work: Promise<unknown>): Promise<{ code: number; message: string }> {
  let done: unknown;
  try {
    done = await work;
  } catch (error) {
    return error as { code: number; message: string };
  }
  throw new Error(`not refused, but answered: ${JSON.stringify(done)}`);
}
