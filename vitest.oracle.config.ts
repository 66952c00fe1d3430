import { defineConfig } from 'vitest/config'

const seconds = Number(process.env.ORACLE_SECONDS ?? 120)

export default defineConfig({
  test: {
    include: ['test/oracle/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 1000 * (seconds + 600),
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
})
