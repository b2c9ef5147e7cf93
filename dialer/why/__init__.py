"""Why a lead is not dialing: the ladder of one lead, and the waterfall of a whole campaign. Reads only."""
