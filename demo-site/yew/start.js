import start from "./yew_host.js";
start();
