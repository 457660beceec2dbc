"""Static files with hashed names, also inside our own ES modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch for modules stumbles on a comment in a vendored script, so only our files are rewritten;
# it asks our modules to write imports exactly as: import name from "./file.js";
OUR_MODULES = ("js/*.js", ((r'(?P<matched>from "(?P<url>\.{1,2}/[^"]+)")', 'from "%(url)s"'),))
OUR_BEHAVIOURS = ("js/behaviours/*.js", OUR_MODULES[1])


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also rewrites the imports of our own modules."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, OUR_MODULES, OUR_BEHAVIOURS)
