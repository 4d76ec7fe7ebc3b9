/** As much of a browser as a login needs: it keeps cookies and follows redirects, and can stop at one to look. */

interface Cookie {
  value: string;
  path: string;
}

export interface Stop {
  status: number;
  url: string;
  location: string | undefined;
  body: string;
}

export class Surfer {
  /** One jar for the one host of these tests, as in browsers, which do not tell ports apart. */
  readonly cookies = new Map<string, Cookie>();

  /** One request, its cookies sent and kept. */
  async step(url: string, init: RequestInit = {}): Promise<Stop> {
    const path = new URL(url).pathname;
    const fitting = [...this.cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    const cookie = fitting.map(([name, { value }]) => `${name}=${value}`).join("; ");
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      ...(cookie === "" ? {} : { cookie }),
    };
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    const location = answer.headers.get("location");
    return {
      status: answer.status,
      url,
      location: location === null ? undefined : new URL(location, url).href,
      body: await answer.text(),
    };
  }

  /** Follows redirects until `until` is reached, or until there are none. */
  async go(
    url: string,
    until: (url: string) => boolean = () => false,
    init: RequestInit = {},
  ): Promise<Stop> {
    let stop = await this.step(url, init);
    for (let hops = 0; stop.location !== undefined; hops += 1) {
      if (hops > 20) throw new Error(`too many redirects, last to ${stop.location}`);
      if (until(stop.location)) return stop;
      // Fragments stay in the browser.
      stop = await this.step(stop.location.split("#")[0] ?? "");
    }
    return stop;
  }

  private keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const attribute = (wanted: string) =>
      attributes.find((part) => part.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const over =
      value === "" || attribute("max-age") === "0" || Date.parse(attribute("expires") ?? "") < Date.now();
    if (over) this.cookies.delete(name);
    else this.cookies.set(name, { value, path: attribute("path") ?? "/" });
  }
}
