import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/backends/**/*.test.ts'], pool: 'forks', testTimeout: 60_000, disableConsoleIntercept: true },
})
