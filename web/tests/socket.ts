/**
 * The SDK takes `WebSocket` from the page. Node 20 has none of its own, and that of Node 22 calls a handler that closes it
 * from inside its own error event again and again; the SDK has such a handler.
 */
import { WebSocket } from "ws";

globalThis.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket;
