/** Links that show somebody's farm. */

const PARAMETER = "visit";
const USER_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export function linkTo(userId: string, origin: string): string {
  return `${origin}/farm/?${PARAMETER}=${userId}`;
}

/** Whose farm a link leads to, or what somebody typed; `undefined` when there is no user id in it. */
export function friendOf(text: string): string | undefined {
  return USER_ID.exec(text)?.[0].toLowerCase();
}

/** Whose farm the page's own address asks for: the empty text when it asks for nobody's that can be. */
export function visitOf(search: string): string | undefined {
  const asked = new URLSearchParams(search).get(PARAMETER);
  return asked === null ? undefined : (friendOf(asked) ?? "");
}
