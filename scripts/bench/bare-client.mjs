// The yardstick for a command: connects, asks for health, prints it, exits. Environment: BARE_PORT.
import { WebSocket } from 'ws';

const socket = new WebSocket(`ws://127.0.0.1:${process.env.BARE_PORT}`);
const request = (id, method) => socket.send(JSON.stringify({ type: 'req', id, method, params: {} }));

socket.on('message', (data) => {
  const frame = JSON.parse(String(data));
  if (frame.event === 'connect.challenge') request('1', 'connect');
  else if (frame.id === '1') request('2', 'health');
  else if (frame.id === '2') {
    console.log(JSON.stringify(frame.payload).length);
    socket.close();
  }
});
