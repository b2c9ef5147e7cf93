"""CRMs. Connections and their secrets are rows (encrypted); only addresses and time-outs live here."""

from config import env

CRM_TIMEOUT_SECONDS = env.env_float("PARLEY_CRM_TIMEOUT_SECONDS", 15.0)
SALESFORCE_API_VERSION = env.env_str("SALESFORCE_API_VERSION", "66.0")
# v3 or a date such as 2026-09: HubSpot ends its numbered paths during 2027.
HUBSPOT_API_VERSION = env.env_str("HUBSPOT_API_VERSION", "v3")
# Set: all traffic to that CRM goes there (the sandbox). Empty: the real one.
SALESFORCE_BASE_URL = env.env_str("SALESFORCE_BASE_URL", "")
HUBSPOT_BASE_URL = env.env_str("HUBSPOT_BASE_URL", "")
# Hosts (host or host:port) of CRMs connected by a mapping file that may be private addresses, or speak without TLS.
CRM_PRIVATE_HOSTS = env.env_list("PARLEY_CRM_PRIVATE_HOSTS", "")
