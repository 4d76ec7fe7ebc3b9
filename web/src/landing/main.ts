import { createApp } from "vue";
import "../style/base.css";
import "./landing.css";
import LandingPage from "./LandingPage.vue";

createApp(LandingPage).mount("#app");
