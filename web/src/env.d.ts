declare module "virtual:docs" {
  interface Doc {
    slug: string;
    path: string;
    group: string;
    title: string;
    load(): Promise<{ html: string; headings: { id: string; text: string; level: number }[] }>;
  }
  export const docs: Doc[];
}
