drop table file_chunk;
drop table file;
