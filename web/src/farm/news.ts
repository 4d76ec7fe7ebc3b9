/** What is worth a word when the farm changes: something new to buy, a milestone that doubles a building. */
import type { Content, Farm } from "./shapes";

export function newsOf(content: Content, before: Farm, after: Farm): string[] {
  if (before.buildings === after.buildings && before.upgrades === after.upgrades) return [];
  const news: string[] = [];
  for (const kind of content.buildings) {
    const [old, now] = [before.buildings[kind.id], after.buildings[kind.id]];
    if (old === undefined || now === undefined) continue;
    if (!old.unlocked && now.unlocked && now.count === 0) news.push(`New on the farm: ${kind.name}`);
    if (old.next_milestone !== null && now.count >= old.next_milestone && old.count < now.count) {
      news.push(`${now.count} × ${kind.name}: each brings twice as much!`);
    }
  }
  for (const kind of content.upgrades) {
    const [old, now] = [before.upgrades[kind.id], after.upgrades[kind.id]];
    if (old?.unlocked === false && now?.unlocked === true && now.level === 0)
      news.push(`New upgrade: ${kind.name}`);
  }
  return news;
}
