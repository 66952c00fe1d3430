import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/docker/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
  },
})
