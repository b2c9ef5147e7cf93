/* The window in which an agent signs in for the phone inside a CRM: hands the token to the frame that opened it, which must be a
   page of our own, and closes. A page of another origin that opened this window gets nothing. */

const { token, connection } = document.getElementById("phone-token").dataset;

if (window.opener) {
  window.opener.postMessage({ parleyPhone: connection, token }, window.location.origin);
  window.close();
} else {
  document.getElementById("phone-handed").textContent = "The phone that opened this window is gone. Close it, and press Sign in there again.";
}
