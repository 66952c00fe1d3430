import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { components } from '#src/components.ts'
import { loadConfig } from '#src/config/load.ts'

const root = resolve(import.meta.dirname, '../..')

test('in a container all servers listen on all addresses, at the ports that the image exposes', () => {
  const sources = ['pipelines.yaml', 'docker/pipelines.yaml'].map((file) => ({
    file,
    text: readFileSync(join(root, file), 'utf8'),
  }))
  const config = loadConfig({ sources, sets: [], env: { HOME: '/home/node' } }, components)
  expect(config.warnings).toEqual([])
  const text = JSON.stringify([...config.receivers.values()].map((receiver) => receiver.config))
  const listening = [...`${text}"${config.service.admin.endpoint}"`.matchAll(/"([\d.]+):(\d+)"/g)]
  expect(listening.map(([, host]) => host)).toEqual(Array(4).fill('0.0.0.0'))
  const [, exposed = ''] = /^EXPOSE (.*)$/m.exec(readFileSync(join(root, 'docker/Dockerfile'), 'utf8')) ?? []
  expect(listening.map(([, , port]) => port).toSorted()).toEqual(exposed.split(' ').toSorted())
})
