docker run --shm-size 1G --rm \
    -p H:8000 -p G:8001 -p M:8002 \
    -v $PWD/models:/models IMAGE tritonserver --model-repository=/models
