/**
 * A Colyseus server whose players move, for `swarm bench movement` to compare with: rooms of players with a place and a
 * mark, patched twenty times a second. Every setting that costs and is not needed here is off.
 *
 *     npm install && node serve.mjs [port]
 *
 * Prints its address once it listens. Players are addressed by room name `plaza` and the option `group`.
 */
import { matchMaker, Room, Server } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";

/** As often as Longhouse's plaza tells its players. */
const PATCH_MS = 50;

const Player = schema({ x: t.uint16(), y: t.uint16(), mark: t.float64() }, "Player");
const State = schema({ players: t.map(Player) }, "State");

class Plaza extends Room {
  maxClients = 1_000;

  onCreate() {
    this.setState(new State());
    this.patchRate = PATCH_MS;
    this.onMessage("move", (client, step) => {
      const player = this.state.players.get(client.sessionId);
      if (player === undefined) return;
      [player.x, player.y, player.mark] = step;
    });
  }

  onJoin(client) {
    this.state.players.set(client.sessionId, new Player());
  }

  onLeave(client) {
    this.state.players.delete(client.sessionId);
  }
}

const port = Number(process.argv[2] ?? 0);
const server = new Server({ transport: new WebSocketTransport({ pingInterval: 0 }), greet: false });
server.define("plaza", Plaza).filterBy(["group"]);
await server.listen(port, "127.0.0.1");
console.log(`listening on 127.0.0.1:${server.transport.server.address().port}`);
