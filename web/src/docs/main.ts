import { createApp } from "vue";
import "../style/base.css";
import "./docs.css";
import DocsPage from "./DocsPage.vue";

createApp(DocsPage).mount("#app");
