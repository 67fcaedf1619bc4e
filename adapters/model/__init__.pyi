from .claude import ClaudeModel as ClaudeModel
from .scripted import ScriptedModel as ScriptedModel
from .scripted import ScriptError as ScriptError
from .scripted import read_script as read_script
