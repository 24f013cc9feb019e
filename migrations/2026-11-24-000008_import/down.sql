drop table roster_import_error;
drop table roster_import;
