import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '{src,receivers,processors,exporters,scripts}/**/*.test.ts',
      'test/{contract,pipelines,docs}/**/*.test.ts',
      'test/*.test.ts',
    ],
    pool: 'forks',
    testTimeout: 30_000,
  },
})
