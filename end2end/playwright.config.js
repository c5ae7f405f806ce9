import { defineConfig } from '@playwright/test';
import { executablePath, flags } from './support/chromium.js';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  globalSetup: './support/seed.js',
  fullyParallel: true,
  workers: 2,
  // A shared machine may break a connection once; what passes at the second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: executablePath(), args: flags },
    locale: 'it-IT',
    timezoneId: 'Europe/Rome',
    viewport: { width: 1280, height: 900 },
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    screenshot: 'only-on-failure',
  },
});
