/* What each CRM's page can be told and asks: connectHost(kind, {origins, onDial}) returns
   { signedIn, pop, dialing, refused, began, answered, ended, done }. Messages that are not of the page that holds us, or not of the connected
   CRM's origin, are stopped before the vendor's library hears them: HubSpot's takes the first greeting for its host. */

import CallingExtensions from "@hubspot/calling-extensions-sdk";

const nothing = () => {};
const QUIET = { signedIn: nothing, pop: nothing, dialing: nothing, refused: nothing, began: nothing, answered: nothing, ended: nothing,
  done: nothing };

export function connectHost(kind, { origins, onDial }) {
  window.addEventListener("message", (event) => {
    if (event.origin === window.location.origin) return;
    if (event.source !== window.parent || !origins.includes(event.origin)) event.stopImmediatePropagation();
  });
  const made = { salesforce, hubspot, rest: plain }[kind](origins, onDial);
  return { ...QUIET, ...made };
}

/* Open CTI for Lightning: the library is Salesforce's own, loaded from the org. It writes no activity: Parley's sync does. */
function salesforce(_, onDial) {
  const cti = window.sforce?.opencti;
  if (!cti) return {};
  cti.onClickToDial({ listener: ({ number, recordId }) => onDial({ number, record: recordId ?? "" }) });
  return {
    signedIn: (isIn) => (isIn ? cti.enableClickToDial({}) : cti.disableClickToDial({})),
    dialing: () => cti.setSoftphonePanelVisibility({ visible: true }),
    pop: (recordId) => cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { recordId } }),
    began: () => cti.setSoftphonePanelVisibility({ visible: true }),
  };
}

/* HubSpot's calling extension. createEngagement stays false: the call is logged by Parley's sync, once. */
function hubspot(_, onDial) {
  let ready = false;
  let isIn = false;
  const sdk = new CallingExtensions({
    debugMode: false,
    eventHandlers: {
      onReady: () => {
        ready = true;
        sdk.initialized({ isLoggedIn: isIn });
        if (isIn) sdk.userLoggedIn();
      },
      onDialNumber: ({ phoneNumber, objectId, objectType, objectTypeId }) => {
        const isContact = objectType === "CONTACT" || objectTypeId === "0-1";
        onDial({ number: phoneNumber ?? "", record: isContact && objectId ? String(objectId) : "" });
      },
    },
  });
  const when = (act) => (...given) => ready && act(...given);
  return {
    signedIn: (now) => {
      isIn = now;
      if (ready) now ? sdk.userLoggedIn() : sdk.userLoggedOut();
    },
    dialing: when((number) => sdk.outgoingCall({ toNumber: number, phoneNumber: number, createEngagement: false })),
    pop: when((id) => sdk.navigateToRecord({ objectCoordinates: { objectTypeId: "0-1", objectId: Number(id) } })),
    answered: when((now) => sdk.callAnswered({ externalCallId: String(now.call) })),
    refused: when(() => sdk.callEnded({ callEndStatus: "INTERNAL_CANCELED" })),
    ended: when(() => sdk.callEnded({ callEndStatus: "INTERNAL_COMPLETED" })),
    done: when(() => sdk.callCompleted({ hideWidget: false })),
  };
}

/* A CRM by mapping file: {parley: "dial", number, record} comes; {parley: "ready" | "signed-in" | "pop" | "refused" | "call"} goes. */
function plain(origins, onDial) {
  const tell = (parley, more = {}) => origins.forEach((origin) => window.parent.postMessage({ parley, ...more }, origin));
  window.addEventListener("message", ({ data, source }) => {
    if (source === window.parent && data?.parley === "dial") onDial({ number: String(data.number ?? ""), record: String(data.record ?? "") });
  });
  tell("ready");
  return {
    signedIn: (isIn) => tell("signed-in", { isIn }),
    pop: (record) => tell("pop", { record }),
    refused: (said) => tell("refused", { said }),
    began: ({ call }) => tell("call", { call }),
    done: () => tell("call", { call: null }),
  };
}
