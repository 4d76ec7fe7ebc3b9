/** The catalogue: what there is in the game, as a view tells it. */
import { amounts, ShapeError, type Field } from "./field";
import type { AchievementKind, Content, Effect, EventKind, Need, Price, WishKind } from "./shapes";

const price = (field: Field): Price => ({
  base: amounts(field.at("base")),
  ratio_percent: field.at("ratio_percent").int(),
});

function need(field: Field): Need {
  if (field.has("building")) return { building: field.at("building").text(), count: field.at("count").int() };
  const level = field.at("level").int();
  return field.has("wish")
    ? { wish: field.at("wish").text(), level }
    : { upgrade: field.at("upgrade").text(), level };
}

function effect(field: Field): Effect {
  const kind = field.at("kind").text();
  switch (kind) {
    case "building":
      return { kind, building: field.at("building").text(), percent: field.at("percent").int() };
    case "wool":
      return { kind, wool: field.at("wool").text(), percent: field.at("percent").int() };
    case "head_start":
      return { kind, building: field.at("building").text(), count: field.at("count").int() };
    case "all":
    case "gain":
    case "shear":
      return { kind, percent: field.at("percent").int() };
    case "shear_share":
      return { kind, permille: field.at("permille").int() };
    case "away":
      return { kind, minutes: field.at("minutes").int() };
    default:
      throw new ShapeError(`the effect ${kind} is not known`);
  }
}

export function decodeContent(field: Field): Content {
  const named = (item: Field) => ({
    id: item.at("id").text(),
    name: item.at("name").text(),
    about: item.at("about").text(),
  });
  const needs = (item: Field) => item.at("needs").list(need);
  const shear = field.at("shear");
  const prestige = field.at("prestige");
  return {
    wools: field.at("wools").list((item) => ({ ...named(item), worth: item.at("worth").big() })),
    buildings: field.at("buildings").list((item) => ({
      ...named(item),
      llama: item.at("llama").flag(),
      wool: item.at("wool").text(),
      rate: item.at("rate").big(),
      price: price(item.at("price")),
      count_max: item.at("count_max").int(),
      milestones: item.at("milestones").list((step) => step.int()),
      needs: needs(item),
    })),
    upgrades: field.at("upgrades").list((item) => ({
      ...named(item),
      price: price(item.at("price")),
      level_max: item.at("level_max").int(),
      effect: effect(item.at("effect")),
      needs: needs(item),
    })),
    recipes: field.at("recipes").list((item) => ({
      ...named(item),
      from: amounts(item.at("from")),
      to: amounts(item.at("to")),
      needs: needs(item),
    })),
    keepsakes: field.at("keepsakes").list((item) => ({
      ...named(item),
      currency: item.at("currency").text(),
      price: item.at("price").int(),
      effect: effect(item.at("effect")),
    })),
    wishes: field.at("wishes").or([], (all) =>
      all.list<WishKind>((item) => ({
        ...named(item),
        cost: item.at("cost").big(),
        ratio_percent: item.at("ratio_percent").int(),
        level_max: item.at("level_max").int(),
        effect: effect(item.at("effect")),
        needs: needs(item),
      })),
    ),
    events: field.at("events").or([], (all) =>
      all.list<EventKind>((item) => ({
        ...named(item),
        from_ms: item.at("from_ms").int(),
        to_ms: item.at("to_ms").int(),
        effect: effect(item.at("effect")),
      })),
    ),
    achievements: field.at("achievements").or([], (all) =>
      all.list<AchievementKind>((item) => ({
        ...named(item),
        stat: item.at("stat").text(),
        goal: item.at("goal").big(),
        fleece: item.at("fleece").int(),
      })),
    ),
    shear: {
      wool: shear.at("wool").text(),
      count_max: shear.at("count_max").int(),
      per_second: shear.at("per_second").int(),
      burst: shear.at("burst").int(),
      yield: shear.at("yield").or(1_000n, (each) => each.big()),
      interval_ms: shear.at("interval_ms").or(50, (ms) => ms.int()),
    },
    prestige: {
      star_percent: prestige.at("star_percent").int(),
      currency: prestige.at("currency").text(),
      worth_per_star: prestige.at("worth_per_star").or(5_000_000_000n, (worth) => worth.big()),
      root: prestige.at("root").or(2, (root) => root.int()),
      needs: needs(prestige),
    },
    away_minutes: field.at("away_minutes").or(480, (minutes) => minutes.int()),
    import: field.at("import").orNull((terms) => ({
      since_ms: terms.at("since_ms").int(),
      days_max: terms.at("days_max").int(),
      young_llamas: terms.at("young_llamas").int(),
    })),
  };
}
