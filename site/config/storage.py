"""Static files with hashed names, also inside our own ES modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch for modules stumbles on a comment in a vendored script, so only our files are rewritten;
# it asks our modules to write imports exactly as: import name from "./file.js"; the star reaches folders below, too.
OUR_MODULES = ("js/*.js", ((r'(?P<matched>from "(?P<url>\.{1,2}/[^"]+)")', 'from "%(url)s"'),))


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also rewrites the imports of our own modules."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, OUR_MODULES)
