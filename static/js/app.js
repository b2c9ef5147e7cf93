/* Every page. Each import below sets itself up; see the head of each file. */
import { startAnnouncing } from "./announce.js";
import { startHtmx } from "./hypermedia.js";
import { startMorphing } from "./morph.js";
import { startTables } from "./tables.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";
import { startTimers } from "./timers.js";
import { startKeys } from "./keys.js";
import { startPalette } from "./palette.js";
import { startDialogs } from "./dialogs.js";
import { startFocus } from "./focus.js";
import { startForms } from "./forms.js";
import { startAutosave } from "./autosave.js";

startAnnouncing();
startTheme();
startTimes();
startTimers();
startKeys();
startPalette();
startDialogs();
startFocus();
startForms();
startAutosave();
startMorphing();
startTables();
startHtmx();
