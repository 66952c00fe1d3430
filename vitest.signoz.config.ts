import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/signoz/*.test.ts'],
    // ClickHouse does not live in worker threads.
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
})
