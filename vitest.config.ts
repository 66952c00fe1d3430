import { defineConfig } from 'vitest/config'

/** The pure core: no file, clock or server, so that its tests can share a process. */
const CORE = 'src/{alert,baseline,dialect,kpi,model,otlp,report,stats,suggestion}/**/*.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest would leave one core idle.
    maxWorkers: '100%',
    testTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'core', include: [CORE], isolate: false } },
      {
        extends: true,
        test: {
          name: 'rest',
          include: [
            '{src,receivers,processors,exporters,scripts}/**/*.test.ts',
            'test/{contract,pipelines,docs}/**/*.test.ts',
            'test/*.test.ts',
          ],
          exclude: [CORE],
        },
      },
    ],
  },
})
