import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    pool: 'forks',
    // They kill processes at moments that are measured: nothing else may take the machine's time.
    fileParallelism: false,
    testTimeout: 400_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
})
