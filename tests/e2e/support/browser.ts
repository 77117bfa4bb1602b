// How the browser is started: a phone's width, Chinese, no traffic of its own.

import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from "@playwright/test";

type Use = Partial<PlaywrightTestOptions & PlaywrightWorkerOptions>;

export const browserUse: Use & { trace: "retain-on-failure"; screenshot: "only-on-failure" } = {
  browserName: "chromium",
  locale: "zh-CN",
  timezoneId: "Asia/Shanghai",
  viewport: { width: 390, height: 844 },
  trace: "retain-on-failure",
  screenshot: "only-on-failure",
  launchOptions: {
    executablePath: process.env.LINLI_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};
