/** The SDK takes `WebSocket` from the page; Node 20 has none of its own. */
import { WebSocket } from "ws";

globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
