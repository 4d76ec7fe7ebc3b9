/** Where the API answers: the page's own address. */
export interface Endpoint {
  host: string;
  port: string;
  ssl: boolean;
}

export function endpointOf(location: Pick<Location, "hostname" | "port" | "protocol">): Endpoint {
  const ssl = location.protocol === "https:";
  return { host: location.hostname, port: location.port || (ssl ? "443" : "80"), ssl };
}
