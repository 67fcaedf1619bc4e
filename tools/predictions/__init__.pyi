from .first_look import first_look as first_look
from .outcome import odd_values as odd_values
from .outcome import predicted as predicted
from .parts import Rows as Rows
from .parts import rows_of_frame as rows_of_frame
from .parts import rows_of_table as rows_of_table
from .run import Asked as Asked
from .run import predict_rows as predict_rows
