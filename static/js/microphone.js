/* Opens the microphone, or says in words why not and what to do. */

/* Names of the errors of getUserMedia (W3C, Media Capture and Streams). */
const REFUSALS = {
  NotAllowedError:
    "This page may not use the microphone. Allow it beside the address of the page, then press Record again; or choose a file below.",
  NotFoundError: "No microphone was found. Plug one in and press Record again; or choose a file below.",
  NotReadableError: "Another program uses the microphone. Close it and press Record again; or choose a file below.",
};
const NOT_SECURE = "Browsers record on https pages only. Choose a file below, or ask your administrator for the https address.";

export const GONE = "The microphone was taken away. Plug it in and press Record again; or choose a file below.";

/** Return the open microphone; throws an Error whose message is for the person. `worklet` is the address of recorder_worklet.js. */
export async function openMicrophone(worklet) {
  if (!navigator.mediaDevices || !window.AudioWorkletNode) throw new Error(NOT_SECURE);
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true },
    });
    const context = new AudioContext();
    await context.audioWorklet.addModule(worklet);
    return { stream, context, rate: context.sampleRate };
  } catch (error) {
    for (const track of stream?.getTracks() ?? []) track.stop();
    throw new Error(REFUSALS[error.name] ?? `The microphone could not be opened (${error.name}). Choose a file below.`);
  }
}

/** Pass on what the microphone hears, in pieces of samples, until it is closed. */
export function listen({ stream, context }, take) {
  const node = new AudioWorkletNode(context, "recorder", { numberOfInputs: 1, numberOfOutputs: 0 });
  node.port.addEventListener("message", (event) => take(event.data));
  node.port.start();
  context.createMediaStreamSource(stream).connect(node);
}

/** Switch it off; the browser's sign that it is on goes out. */
export function closeMicrophone({ stream, context }) {
  for (const track of stream.getTracks()) track.stop();
  context.close();
}
