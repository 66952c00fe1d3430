import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DIALECTS } from '#src/dialect/dialects.ts'

const root = resolve(import.meta.dirname, '..')

/** Who may import whom; a folder may always import from itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/model': [],
  'src/stats': ['src/model'],
  'src/kpi': ['src/model', 'src/stats'],
  'src/baseline': ['src/model', 'src/stats', 'src/kpi'],
  'src/alert': ['src/model', 'src/stats', 'src/kpi', 'src/baseline'],
  'src/suggestion': ['src/model', 'src/stats', 'src/kpi', 'src/baseline'],
  'src/otlp': ['src/model', 'src/errors.ts'],
  'src/dialect': ['src/model'],
  'src/store': ['src/model', 'src/stats', 'src/kpi', 'src/baseline', 'src/suggestion', 'src/errors.ts'],
  'src/follow': ['src/component.ts', 'src/store'],
  'src/report': ['src/model', 'src/stats', 'src/kpi', 'src/baseline', 'src/alert', 'src/suggestion'],
  'src/errors.ts': [],
  'src/component.ts': ['src/model', 'src/store/store.ts'],
  'src/delivery': ['src/component.ts', 'src/errors.ts', 'src/net', 'src/otlp', 'src/store'],
  'src/net': ['src/component.ts', 'src/errors.ts', 'src/model'],
  'src/config': ['src/component.ts', 'src/errors.ts', 'src/graph', 'src/store/store.ts'],
  'src/graph': ['src/component.ts', 'src/errors.ts', 'src/config', 'src/model'],
  'src/service': [
    'src/report/visible-text.ts',
    'src/component.ts',
    'src/delivery',
    'src/errors.ts',
    'src/config',
    'src/graph',
    'src/net',
    'src/store',
    'src/model',
    'src/baseline',
    'src/kpi',
    'src/suggestion',
  ],
  'src/components.ts': ['src/component.ts', 'receivers', 'processors', 'exporters'],
}

/** The pure core: no clock, file, environment or chance of its own. */
const PURE = [
  'src/model',
  'src/stats',
  'src/kpi',
  'src/baseline',
  'src/alert',
  'src/suggestion',
  'src/dialect',
  'src/otlp',
  'src/report',
]
const IMPURE =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.|from 'node:(fs|os|net|http|child_process)/

/** What a component may import beside its own folder: everything but components, the service and the command line. */
const COMPONENT_MAY_NOT = [
  'receivers',
  'processors',
  'exporters',
  'src/service',
  'src/cli',
  'src/graph',
  'src/components.ts',
]

const sources = ['src', 'receivers', 'processors', 'exporters'].flatMap(filesBelow)
const componentFolders = ['receivers', 'processors', 'exporters'].flatMap((kind) =>
  foldersIn(kind).map((type) => `${kind}/${type}`),
)

test.for(componentFolders)('%s is a whole component folder', (folder) => {
  const type = folder.split('/')[1]
  const files = readdirSync(join(root, folder))
  expect(files).toEqual(expect.arrayContaining(['README.md', 'config.ts', `${type}.ts`, `${type}.test.ts`]))
})

describe('imports go one way', () => {
  test.for(sources)('%s', (file) => {
    const owner = ownerOf(file)
    for (const imported of importsOf(file)) {
      if (imported === file || ownerOf(imported) === owner) continue
      expect(mayImport(file, owner, imported), `${file} imports ${imported}`).toBe(true)
    }
  })
})

test.for(sources.filter((file) => PURE.some((folder) => file.startsWith(`${folder}/`)) && !file.endsWith('.test.ts')))(
  '%s is pure',
  (file) => {
    expect(read(file)).not.toMatch(IMPURE)
  },
)

test.for(sources.filter((file) => !file.endsWith('.test.ts')))('%s is short enough to have one subject', (file) => {
  expect(read(file).split('\n').length).toBeLessThanOrEqual(400)
})

/** Those that the project was asked to use. */
const EXPECTED_PACKAGES = [
  'fastify',
  'zod',
  'vitest',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/exporter-metrics-otlp-http',
  '@opentelemetry/sdk-node',
]

test.for(EXPECTED_PACKAGES)('the package %s is declared and used', (name) => {
  const manifest = JSON.parse(read('package.json'))
  expect({ ...manifest.dependencies, ...manifest.devDependencies }).toHaveProperty(name)
  const users = [...sources, ...filesBelow('test')].filter((file) => read(file).includes(`from '${name}'`))
  expect(users).not.toEqual([])
})

test.for(DIALECTS.flatMap((dialect) => dialect.sources))(
  'the source $name is known to its dialect alone',
  ({ name }) => {
    // The receiver of the same telemetry may have the same name.
    const code = (file: string): string => read(file).replace(`type: '${name}'`, '')
    const naming = sources.filter((file) => !/\.(test|fixture)\.ts$/.test(file) && code(file).includes(`'${name}'`))
    // The mission's hook spans are a kind of their own.
    expect(naming.filter((file) => file !== 'src/dialect/trust-order.ts')).toHaveLength(1)
  },
)

test('the registry lists every component folder', () => {
  const registry = read('src/components.ts')
  for (const folder of componentFolders) {
    const [kind, type] = folder.split('/')
    expect(registry).toContain(`#${kind}/${type}/${type}.ts`)
  }
})

function mayImport(file: string, owner: string, imported: string): boolean {
  if (owner === 'src/cli' || owner === 'src/main.ts') return true
  // Tests may use anything but another component.
  if (/\.(test|fixture)\.ts$/.test(file) && !/^(receivers|processors|exporters)\//.test(imported)) return true
  if (componentFolders.includes(owner)) return !COMPONENT_MAY_NOT.some((folder) => isIn(imported, folder))
  return (MAY_IMPORT[owner] ?? []).some((allowed) => isIn(imported, allowed))
}

function isIn(file: string, folderOrFile: string): boolean {
  return file === folderOrFile || file.startsWith(`${folderOrFile}/`)
}

/** The component folder, the folder below src, or the file itself when it lies in src. */
function ownerOf(file: string): string {
  const parts = file.split('/')
  return parts.length > 2 ? parts.slice(0, 2).join('/') : file
}

function importsOf(file: string): string[] {
  const found = read(file).matchAll(/(?:from|import)\s*\(?\s*'((?:\.|#)[^']+)'/g)
  return [...found].map(([, specifier = '']) =>
    specifier.startsWith('#') ? specifier.slice(1) : relative(root, resolve(join(root, dirname(file)), specifier)),
  )
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}
