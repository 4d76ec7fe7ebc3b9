/** The keyboard: everything that matters can be done without a mouse. */
import type { Camera } from "../map/camera";

const STEP_PX = 90;
const ZOOM = 1.35;

export interface Keys {
  camera(): Camera | undefined;
  home(): void;
  share(share: number): void;
  close(): void;
  frames(): void;
  pause(): void;
  /** What a tap in the middle of the map does, and what a long press there does. */
  aim(): void;
  pick(): void;
}

/** Buttons and fields keep the keys that are theirs. */
function taken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input, select, textarea")) return event.key !== "Escape";
  return target.matches("button, a") && (event.key === "Enter" || event.key === " ");
}

export function onKeys(window: Window, keys: Keys): () => void {
  const down = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || taken(event)) return;
    const camera = keys.camera();
    const zoom = (factor: number) => camera?.zoom(factor, camera.width / 2, camera.height / 2);
    switch (event.key) {
      case "ArrowLeft":
      case "a":
        camera?.nudge(-STEP_PX, 0);
        break;
      case "ArrowRight":
      case "d":
        camera?.nudge(STEP_PX, 0);
        break;
      case "ArrowUp":
      case "w":
        camera?.nudge(0, -STEP_PX);
        break;
      case "ArrowDown":
      case "s":
        camera?.nudge(0, STEP_PX);
        break;
      case "+":
      case "=":
        zoom(ZOOM);
        break;
      case "-":
        zoom(1 / ZOOM);
        break;
      case "h":
      case "Home":
        keys.home();
        break;
      case "Escape":
        keys.close();
        break;
      case "f":
        keys.frames();
        break;
      case " ":
        keys.pause();
        break;
      case "Enter":
        keys.aim();
        break;
      case "e":
        keys.pick();
        break;
      default:
        if (!/^[0-9]$/.test(event.key)) return;
        keys.share(event.key === "0" ? 1_000 : Number(event.key) * 100);
    }
    event.preventDefault();
  };
  window.addEventListener("keydown", down);
  return () => window.removeEventListener("keydown", down);
}
