/** The adapter's package has types, but its `exports` hide them. */
declare module "@heroiclabs/nakama-js-protobuf" {
  import type { WebSocketAdapter } from "@heroiclabs/nakama-js";
  export const WebSocketAdapterPb: new () => WebSocketAdapter;
}
