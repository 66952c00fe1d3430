import { createServer } from 'node:http'

/** Takes in all requests and throws them away. Prints its port; ends with its input. */

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`)
})
process.stdin.resume().on('end', () => {
  server.closeAllConnections()
  server.close()
})
