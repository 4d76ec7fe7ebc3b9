/** The few words that come and go at the edge of the page. */
import { reactive } from "vue";

export const TOASTS_MAX = 4;
export const TOAST_MS = 4_500;

export interface Toast {
  key: number;
  tone: "good" | "bad" | "plain";
  text: string;
}

export class Toasts {
  readonly list = reactive<Toast[]>([]);
  private key = 0;

  say(tone: Toast["tone"], text: string): void {
    if (this.list.at(-1)?.text === text) this.list.pop();
    const key = ++this.key;
    this.list.push({ key, tone, text });
    if (this.list.length > TOASTS_MAX) this.list.shift();
    setTimeout(() => this.drop(key), TOAST_MS);
  }

  drop(key: number): void {
    const at = this.list.findIndex((toast) => toast.key === key);
    if (at !== -1) this.list.splice(at, 1);
  }
}
