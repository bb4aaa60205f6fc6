"""``python -m jishi.cli`` is ``jishi``."""

import sys

from jishi.cli.entry import main

sys.exit(main())
