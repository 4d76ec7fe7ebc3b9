import { createApp } from "vue";
import "../style/base.css";
import "../docs/docs.css";
import "./api.css";
import ApiPage from "./ApiPage.vue";

const key = document.querySelector<HTMLMetaElement>('meta[name="server-key"]')?.content ?? "defaultkey";

createApp(ApiPage, { serverKey: key }).mount("#app");
