/** The panels, each loaded when it is opened for the first time: a first visit needs none of them. */
import { defineAsyncComponent, defineComponent, h, type Component } from "vue";
import PopUp from "../parts/PopUp.vue";

export type Panel = "wishes" | "ranks" | "ribbons" | "visit" | "book";

/** In place of a panel that cannot be loaded, because the line is cut before it was ever opened. */
const Missing = defineComponent({
  emits: ["close"],
  setup: (_, { emit }) => {
    const words = "This part of the page could not be fetched. Try again when you are online.";
    return () =>
      h(PopUp, { title: "Not here yet", look: "sheet", onClose: () => emit("close") }, () => h("p", words));
  },
});

function lazily<T extends Component>(loader: () => Promise<{ default: T }>) {
  return defineAsyncComponent({ loader, errorComponent: Missing });
}

export const PANELS = {
  wishes: lazily(() => import("./WishesPanel.vue")),
  ranks: lazily(() => import("./RanksPanel.vue")),
  ribbons: lazily(() => import("./AchievementsPanel.vue")),
  visit: lazily(() => import("./VisitPanel.vue")),
  book: lazily(() => import("./BookPanel.vue")),
} satisfies Record<Panel, Component>;

export const ReturnPanel = lazily(() => import("./ReturnPanel.vue"));
